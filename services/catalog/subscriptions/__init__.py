"""Standing subscriptions: a part of each lot of a flow, promised before it opens; and what a holder accepts them on."""

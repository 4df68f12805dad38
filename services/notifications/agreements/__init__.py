"""Who hears of agreements: always the other side, and both where what they signed is void."""

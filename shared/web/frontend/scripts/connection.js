// A calm bar while nothing gets through: the live link is cut, or the device has no network.

import { phrase } from "./phrases.js";

const { body } = document;

/** Says in the bar where the connection stands; what is typed in a draft's form stays on this device meanwhile. */
export function say(state) {
  const kept = state === "lost" && document.querySelector("form[data-draft]") ? phrase("live-kept") : "";
  document.querySelector(".live-state-words").textContent = [phrase(`live-${state}`), kept].filter(Boolean).join(" ");
}

// Whoever is signed in hears it from the live link, which also knows of a server that does not answer.
if (!("live" in body.dataset)) {
  const tell = (state) => {
    body.dataset.liveState = state;
    say(state);
  };
  addEventListener("offline", () => tell("lost"));
  addEventListener("online", () => tell("on"));
}

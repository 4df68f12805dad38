// The few sentences scripts say: the shell writes them, translated, as data attributes of one element.

/** The sentence of that name, as `<body data-phrase-…>` gives it; empty when the page has none. */
export function phrase(name) {
  return document.body.getAttribute(`data-phrase-${name}`) ?? "";
}

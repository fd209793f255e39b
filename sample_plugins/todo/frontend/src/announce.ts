/** Announces text to screen readers, politely: without an interruption. */
import { find } from "./dom";

export const announce = (text: string): void => {
  const place = find("announcer", HTMLParagraphElement);
  // The same text again is announced only if the content changes.
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
};

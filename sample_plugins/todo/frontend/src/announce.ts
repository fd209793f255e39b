/** Says to screen readers what happened; politely, so that nobody is interrupted. */
import { find } from "./dom";

export const announce = (text: string): void => {
  const place = find("announcer", HTMLParagraphElement);
  // The same words again are said again only where the text changes.
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
};

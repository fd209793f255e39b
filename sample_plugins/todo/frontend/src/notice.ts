/** The message above everything: one at a time, until it is dismissed or what it speaks of is done. */
import { announce } from "./announce";
import { button, element, find } from "./dom";

type Kind = "error" | "outage" | "quota" | "news";

const place = (): HTMLElement => find("notice", HTMLDivElement);

/** @param kind only where it is of that kind. */
export const hideNotice = (kind?: Kind): void => {
  if (kind && place().dataset["kind"] !== kind) return;
  place().hidden = true;
  place().replaceChildren();
};

/**
 * @param kind how it looks.
 * @param action a button beside the text.
 */
export const showNotice = (text: string, kind: Kind, action?: { text: string; act: () => void }): void => {
  const before = document.activeElement;
  const dismiss = (): void => {
    hideNotice();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  place().dataset["kind"] = kind;
  place().replaceChildren(
    element("p", {}, text),
    ...(action ? [button(action.text, {}, action.act)] : []),
    button("Dismiss", { class: "plain" }, dismiss),
  );
  place().hidden = false;
  place().scrollIntoView({ block: "nearest" });
  announce(text);
};

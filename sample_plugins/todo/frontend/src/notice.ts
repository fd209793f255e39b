/** The notice at the top of the page: one at a time, until it is dismissed or no longer true. */
import { announce } from "./announce";
import { button, element, find } from "./dom";

type Kind = "error" | "outage" | "quota" | "news";

interface Notice {
  readonly text: string;
  readonly kind: Kind;
  readonly action?: { readonly text: string; act(): void } | undefined;
}

/** A notice that stays true until the page is reloaded: it gives way to other notices and returns after them. */
let news: Notice | undefined;

const place = (): HTMLElement => find("notice", HTMLDivElement);

const put = ({ text, kind, action }: Notice): void => {
  const before = document.activeElement;
  const dismiss = (): void => {
    if (kind === "news") news = undefined;
    hideNotice();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  place().dataset["kind"] = kind;
  place().replaceChildren(
    element("p", {}, text),
    ...(action ? [button(action.text, {}, () => action.act())] : []),
    button("Dismiss", { class: "plain" }, dismiss),
  );
  place().hidden = false;
};

/** @param kind hides the notice only if it is of this kind. */
export const hideNotice = (kind?: Kind): void => {
  const shown = place().dataset["kind"];
  if ((kind && shown !== kind) || (news && shown === "news")) return;
  place().hidden = true;
  place().replaceChildren();
  delete place().dataset["kind"];
  if (news) put(news);
};

/**
 * @param kind its appearance; news stay until they are dismissed.
 * @param action a button next to the text.
 */
export const showNotice = (text: string, kind: Kind, action?: Notice["action"]): void => {
  const notice = { text, kind, action };
  if (kind === "news") news = notice;
  put(notice);
  place().scrollIntoView({ block: "nearest" });
  announce(text);
};

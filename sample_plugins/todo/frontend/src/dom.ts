/** Making and finding elements. What tasks say becomes text, never markup. */

type Attributes = { readonly [name: string]: string | boolean | undefined };

/** An element with attributes (`true` sets one without a value) and children; texts become text nodes. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
};

/** A button that does something here. */
export const button = (text: string, attributes: Attributes, act: () => void): HTMLButtonElement => {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
};

/** Whether the focus is where it was, or nowhere: an answer that comes late moves it only then. */
export const stayed = (before: Element | null): boolean => document.activeElement === before || document.activeElement === document.body;

/** The element of index.html with an id. */
export const find = <Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no #${id} of that kind`);
  return found;
};

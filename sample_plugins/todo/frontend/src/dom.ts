/** Creates and finds elements. Text of tasks becomes text nodes, never markup. */

type Attributes = { readonly [name: string]: string | boolean | undefined };

/** Creates an element with attributes (`true` sets one without a value) and children; strings become text nodes. */
export const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) created.setAttribute(name, value === true ? "" : value);
  }
  created.append(...children);
  return created;
};

/** Creates a button with an action. */
export const button = (text: string, attributes: Attributes, act: () => void): HTMLButtonElement => {
  const created = element("button", { type: "button", ...attributes }, text);
  created.addEventListener("click", act);
  return created;
};

/** Returns whether the focus has not moved: only then may a late response move it. */
export const stayed = (before: Element | null): boolean => document.activeElement === before || document.activeElement === document.body;

/** Returns the element of index.html with an id. */
export const find = <Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind => {
  const match = document.getElementById(id);
  if (!(match instanceof kind)) throw new Error(`index.html has no #${id} of that kind`);
  return match;
};

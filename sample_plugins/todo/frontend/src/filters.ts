/** The choice of the view: radio buttons, so that the arrow keys work. */
import { acme__todo } from "../generated-config";
import { element, find } from "./dom";
import type { View } from "./tasks";
import { statuses } from "./formats";

const views: readonly (readonly [string, View])[] = [
  ["All", { trash: false }],
  ...acme__todo.enums.TaskStatus.map((status) => [statuses[status], { trash: false, status }] as const),
  ["Trash", { trash: true }],
];

export const makeFilters = (choose: (view: View) => void): void => {
  for (const [index, [text, view]] of views.entries()) {
    const radio = element("input", { type: "radio", name: "view", class: "unseen", checked: index === 0 });
    radio.addEventListener("change", () => choose(view));
    find("filters", HTMLFieldSetElement).append(element("label", { class: "filter" }, radio, element("span", {}, text)));
  }
};

/** Which tasks are shown: radio buttons, so that the arrow keys choose. */
import { acme__todo } from "../generated-config";
import { element, find } from "./dom";
import type { View } from "./tasks";
import { statuses } from "./words";

const views: readonly (readonly [string, View])[] = [
  ["All", { bin: false }],
  ...acme__todo.enums.TaskStatus.map((status) => [statuses[status], { bin: false, status }] as const),
  ["Bin", { bin: true }],
];

export const makeFilters = (choose: (view: View) => void): void => {
  for (const [index, [text, view]] of views.entries()) {
    const radio = element("input", { type: "radio", name: "view", class: "unseen", checked: index === 0 });
    radio.addEventListener("change", () => choose(view));
    find("filters", HTMLFieldSetElement).append(element("label", { class: "filter" }, radio, element("span", {}, text)));
  }
};

/** The form fields of a task: what was typed, the original values, and the errors from the server. */
import { acme__todo } from "../generated-config";
import type { AcmeTodo } from "../generated-config";
import { element } from "./dom";
import type { FieldFault } from "./problems";
import type { Item } from "./tasks";
import { fromInput, priorities, statuses, toInput } from "./formats";

type Control = HTMLInputElement | HTMLSelectElement;
type Name = "title" | "status" | "priority" | "due" | "tags";
type ByName<Value> = { readonly [Key in Name]: Value };
/** The values of the controls. */
export type Typed = ByName<string>;

interface Field {
  readonly control: Control;
  readonly fault: HTMLElement;
  /** The original value. */
  was: string;
}

const option = (value: string | number, text: string): HTMLOptionElement => element("option", { value: String(value) }, text);

const controls: ByName<{ readonly label: string; readonly hint?: string; readonly make: () => Control }> = {
  title: { label: "Title", make: () => element("input", { type: "text", autocomplete: "off", "aria-required": "true" }) },
  status: { label: "Status", make: () => element("select", {}, ...acme__todo.enums.TaskStatus.map((status) => option(status, statuses[status]))) },
  priority: { label: "Priority", make: () => element("select", {}, ...acme__todo.enums.Priority.map((priority) => option(priority, priorities[priority]))) },
  due: { label: "Due", make: () => element("input", { type: "datetime-local" }) },
  tags: { label: "Tags", hint: "separated by commas", make: () => element("input", { type: "text", autocomplete: "off", autocapitalize: "none" }) },
};

const tagsIn = (value: string): string[] =>
  value
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

const texts = (task: Item | undefined): ByName<string> => ({
  title: task?.title ?? "",
  status: task?.status ?? "open",
  priority: String(task?.priority ?? 2),
  due: toInput(task?.due ?? null),
  tags: (task?.tags ?? []).join(", "),
});

export class Fields {
  readonly elements: ByName<HTMLElement>;
  readonly #fields: ByName<Field>;

  /**
   * @param prefix the prefix of the ids.
   * @param labels replacements of the default labels.
   */
  constructor(prefix: string, labels: Partial<ByName<string>> = {}) {
    const parts = (Object.keys(controls) as Name[]).map((name) => [name, ...this.#make(prefix, name, labels[name])] as const);
    this.elements = Object.fromEntries(parts.map(([name, whole]) => [name, whole])) as ByName<HTMLElement>;
    this.#fields = Object.fromEntries(parts.map(([name, , field]) => [name, field])) as ByName<Field>;
    this.fill(undefined);
  }

  #make(prefix: string, name: Name, other?: string): [HTMLElement, Field] {
    const { label, hint, make } = controls[name];
    const control = make();
    const id = `${prefix}-${name}`;
    control.id = id;
    const fault = element("p", { class: "fault", id: `${id}-fault`, hidden: true });
    const caption = element("label", { for: id }, other ?? label, ...(hint ? [" ", element("span", { class: "quiet" }, hint)] : []));
    return [element("div", { class: `field field-${name}` }, caption, control, fault), { control, fault, was: "" }];
  }

  /** Fills in a task, or the defaults of a new one. */
  fill(task: Item | undefined): void {
    this.base(task);
    for (const field of Object.values(this.#fields)) field.control.value = field.was;
    this.clearFaults();
  }

  /** Makes a task the original of later changes; what was typed stays. */
  base(task: Item | undefined): void {
    for (const [name, text] of Object.entries(texts(task)) as [Name, string][]) this.#fields[name].was = text;
  }

  /** Returns the values of the controls, for a later comparison. */
  typed(): Typed {
    return Object.fromEntries(Object.entries(this.#fields).map(([name, { control }]) => [name, control.value])) as Typed;
  }

  /** Returns whether more was typed since. */
  typedSince(sent: Typed): boolean {
    return Object.entries(this.typed()).some(([name, text]) => text !== sent[name as Name]);
  }

  /** Clears the controls that were sent; what was typed since stays. */
  empty(sent: Typed): void {
    this.base(undefined);
    for (const [name, { control, was }] of Object.entries(this.#fields)) if (control.value === sent[name as Name]) control.value = was;
    this.clearFaults();
  }

  /** Returns incomplete dates, which browsers report as empty. */
  unfinished(): FieldFault[] {
    return Object.entries(this.#fields).flatMap(([key, { control }]) =>
      control.validity.badInput ? [{ key, message: "Both a day and a time are needed, or neither" }] : [],
    );
  }

  get changed(): boolean {
    return Object.values(this.#fields).some(({ control, was }) => control.value !== was);
  }

  focus(): void {
    this.#fields.title.control.focus();
  }

  /** Returns all values. */
  values(): Required<Pick<AcmeTodo.TaskCreate, Name>> {
    const { title, status, priority, due, tags } = this.#fields;
    return {
      title: title.control.value.trim(),
      // The options of the two come from the enums of the same names.
      status: status.control.value as AcmeTodo.TaskStatus,
      priority: Number(priority.control.value) as AcmeTodo.Priority,
      due: fromInput(due.control.value),
      tags: tagsIn(tags.control.value),
    };
  }

  /** Returns the values that differ from the original. */
  changes(): AcmeTodo.TaskUpdate {
    const names = (Object.keys(this.#fields) as Name[]).filter((name) => this.#fields[name].control.value !== this.#fields[name].was);
    return Object.fromEntries(Object.entries(this.values()).filter(([name]) => names.includes(name as Name)));
  }

  clearFaults(): void {
    for (const { control, fault } of Object.values(this.#fields)) {
      fault.hidden = true;
      fault.textContent = "";
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  /**
   * Shows the errors next to their fields, and focuses the first one.
   *
   * @returns the errors that belong to no field.
   */
  showFaults(faults: readonly FieldFault[]): FieldFault[] {
    this.clearFaults();
    const others: FieldFault[] = [];
    for (const fault of faults) {
      const [name = "", index] = fault.key.split(".");
      const field = Object.hasOwn(this.#fields, name) ? this.#fields[name as Name] : undefined;
      if (!field) {
        others.push(fault);
        continue;
      }
      const which = name === "tags" && index !== undefined ? `“${this.values().tags[Number(index)] ?? ""}”: ` : "";
      field.fault.textContent = `${field.fault.textContent ?? ""} ${which}${fault.message}.`.trim();
      field.fault.hidden = false;
      field.control.setAttribute("aria-invalid", "true");
      field.control.setAttribute("aria-describedby", field.fault.id);
    }
    Object.values(this.#fields)
      .find(({ fault }) => !fault.hidden)
      ?.control.focus();
    return others;
  }
}

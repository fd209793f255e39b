/** How values of tasks are said to people. */
import type { AcmeTodo } from "../generated-config";

export const statuses: { readonly [Status in AcmeTodo.TaskStatus]: string } = { open: "Open", doing: "Doing", done: "Done" };

export const priorities: { readonly [Priority in AcmeTodo.Priority]: string } = { 1: "High", 2: "Normal", 3: "Low" };

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment in the reader's language and time zone. */
export const moment = (iso: string): string => moments.format(new Date(iso));

/** Titles may be long, and what is announced should not be. */
export const quoted = (title: string): string => `“${title.length > 80 ? `${title.slice(0, 80)}…` : title}”`;

const two = (value: number): string => String(value).padStart(2, "0");

/** What `<input type="datetime-local">` takes. */
export const toInput = (iso: string | null): string => {
  if (iso === null) return "";
  const at = new Date(iso);
  const year = String(at.getFullYear()).padStart(4, "0");
  return `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
};

/** What it gives, as a moment; `null` where it is empty. */
export const fromInput = (value: string): string | null => (value === "" ? null : new Date(value).toISOString());

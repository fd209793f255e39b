/** Values of tasks as the page displays them. */
import type { AcmeTodo } from "../generated-config";

export const statuses: { readonly [Status in AcmeTodo.TaskStatus]: string } = { open: "Open", doing: "Doing", done: "Done" };

export const priorities: { readonly [Priority in AcmeTodo.Priority]: string } = { 1: "High", 2: "Normal", 3: "Low" };

const dateTimes = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Formats a datetime in the user's language and time zone. */
export const formatDateTime = (iso: string): string => dateTimes.format(new Date(iso));

/** Quotes a title; a long one is shortened, since announcements should be short. */
export const quoted = (title: string): string => `“${title.length > 80 ? `${title.slice(0, 80)}…` : title}”`;

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** Converts a datetime to a value of `<input type="datetime-local">`. */
export const toInput = (iso: string | null): string => {
  if (iso === null) return "";
  const at = new Date(iso);
  const year = String(at.getFullYear()).padStart(4, "0");
  return `${year}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
};

/** Converts a value of `<input type="datetime-local">` to a datetime; `null` if it is empty. */
export const fromInput = (value: string): string | null => (value === "" ? null : new Date(value).toISOString());

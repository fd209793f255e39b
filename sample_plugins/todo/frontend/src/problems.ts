/** Errors in words for users. */
import { ApiError } from "../generated-config";
import type { AcmeBilling, Problem } from "../generated-config";

/** An invalid field; `key` is its path, e.g. `tags.0`. */
export interface FieldFault {
  readonly key: string;
  readonly message: string;
}

/** Whether the server was not reached. A 5xx response without a request id comes from a proxy in front of it. */
export const isOutage = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof ApiError && error.problem.status >= 500 && !error.problem.requestId);

/** Describes an outage, or an error that the route does not declare. */
export const unexpected = (error: unknown): string => {
  if (isOutage(error)) return "The server cannot be reached. What you typed is kept; try again in a moment.";
  if (error instanceof ApiError) return `That did not work: ${error.problem.detail || error.problem.title} (request ${error.problem.requestId})`;
  throw error;
};

export const quotaUsedUp = ({ extra: quota, detail }: Problem<402, AcmeBilling.Quota>): string => {
  if (!quota) return detail;
  const room = quota.limit === null ? `${quota.used} are used` : `${quota.used} of ${quota.limit} are used`;
  return `Your plan “${quota.plan}” has no room for another task: ${room}. Delete a task to make room.`;
};

const isFault = (value: unknown): value is FieldFault =>
  typeof value === "object" && value !== null && "key" in value && typeof value.key === "string" && "message" in value && typeof value.message === "string";

/** Returns the invalid fields. */
export const faultsOf = ({ extra }: Problem<400>): FieldFault[] => (Array.isArray(extra) ? extra.filter(isFault) : []);

export const declared = (problem: Problem<401> | Problem<403> | Problem<404> | Problem<409>): string => {
  switch (problem.status) {
    case 401:
      return "Sign in first.";
    case 403:
      return "You may not do that.";
    case 404:
      return "The task no longer exists.";
    case 409:
      return "Another user has changed this task. You see their version now.";
  }
};

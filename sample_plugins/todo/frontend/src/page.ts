/** What the parts of the page share. */
import type { AcmeTodoApi } from "../generated-config";
import { announce } from "./announce";
import { showNotice } from "./notice";
import type { Own } from "./own";
import { declared, isOutage, quotaUsedUp, unexpected } from "./problems";
import type { Item, Tasks } from "./tasks";

export interface Page {
  readonly api: AcmeTodoApi;
  readonly tasks: Tasks;
  readonly own: Own;
  /** Draws the current tasks. */
  draw(): void;
  /** Reloads what is shown. */
  refetch(): void;
}

/**
 * Shows an error that no route declares.
 *
 * @param again tries again.
 */
export const fail = (error: unknown, again?: () => void): void =>
  showNotice(unexpected(error), isOutage(error) ? "outage" : "error", again && { text: "Try again", act: again });

/** Runs an action and shows its undeclared errors. */
export const attempt = async (act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } catch (error) {
    fail(error);
  }
};

/** Takes over the tasks of a response. */
export const answered = ({ tasks, draw }: Page, items: readonly Item[], before?: Item): Item | undefined => {
  for (const item of items) tasks.put(item, before);
  draw();
  return items[0];
};

type Refusal = Parameters<typeof declared>[0] | Parameters<typeof quotaUsedUp>[0];

/** Shows why a change of a task was refused, and its current version. */
export const refused = async (page: Page, id: string, problem: Refusal): Promise<void> => {
  if (problem.status === 402) {
    showNotice(quotaUsedUp(problem), "quota");
    return;
  }
  showNotice(declared(problem), "error");
  if (problem.status === 404) page.tasks.softDelete(id);
  page.draw();
  if (problem.status === 409) await theirs(page, id);
};

/** Returns the current version of a task; `undefined` if it no longer exists. */
export const theirs = async (page: Page, id: string): Promise<Item | undefined> => {
  const now = await page.api.task.get.safe({ id });
  if (now.ok) return answered(page, now.data.body.items);
  page.tasks.softDelete(id);
  page.draw();
  announce("The task no longer exists.");
  return undefined;
};

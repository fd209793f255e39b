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
  /** Shows what is known now. */
  draw(): void;
  /** Asks for what is shown again. */
  refetch(): void;
}

/**
 * Says what failed in a way that no route declares.
 *
 * @param again tries it once more.
 */
export const fail = (error: unknown, again?: () => void): void =>
  showNotice(unexpected(error), isOutage(error) ? "outage" : "error", again && { text: "Try again", act: again });

/** Runs what may fail so. */
export const attempt = async (act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } catch (error) {
    fail(error);
  }
};

/** A task was answered. */
export const answered = ({ tasks, draw }: Page, items: readonly Item[], before?: Item): Item | undefined => {
  for (const item of items) tasks.put(item, before);
  draw();
  return items[0];
};

type Refusal = Parameters<typeof declared>[0] | Parameters<typeof quotaUsedUp>[0];

/** A change of a task was refused: say why, and show what it is now. */
export const refused = async (page: Page, id: string, problem: Refusal): Promise<void> => {
  if (problem.status === 402) {
    showNotice(quotaUsedUp(problem), "quota");
    return;
  }
  showNotice(declared(problem), "error");
  if (problem.status === 404) page.tasks.bin(id);
  page.draw();
  if (problem.status === 409) await theirs(page, id);
};

/** The task as it is now, `undefined` where there is none any more. */
export const theirs = async (page: Page, id: string): Promise<Item | undefined> => {
  const now = await page.api.task.get.safe({ id });
  if (now.ok) return answered(page, now.data.body.items);
  page.tasks.bin(id);
  page.draw();
  announce("The task is not there any more.");
  return undefined;
};

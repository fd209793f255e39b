/** Completes, deletes and restores tasks, each with one click. */
import { announce } from "./announce";
import { hideNotice } from "./notice";
import { answered, attempt, refused } from "./page";
import type { Page } from "./page";
import type { Item } from "./tasks";
import { quoted } from "./formats";

/** Marks a task as done, or as open again. */
export const complete = (page: Page, item: Item, done: boolean): Promise<void> =>
  attempt(async () => {
    const status = done ? "done" : "open";
    const { id, version } = item;
    if (page.own.changes(id)) return; // clicked twice
    const result = await page.own.change(id, () => page.api.task.update.safe({ id }, { status, version }));
    if (result.ok) {
      hideNotice();
      answered(page, result.data.body.items, result.data.body.prevVersion);
      announce(`${quoted(item.title)} is ${status}.`);
    } else if (result.error.status !== 400) await refused(page, id, result.error);
  }).finally(page.draw);

/** Moves a task to the trash. */
export const remove = (page: Page, { id, title }: Item): Promise<void> =>
  attempt(async () => {
    if (page.own.changes(id)) return;
    page.own.deletes(id);
    const result = await page.own.change(id, () => page.api.task.delete.safe({ id })).catch((error: unknown) => {
      page.own.forget(id);
      throw error;
    });
    if (!result.ok) {
      page.own.forget(id);
      await refused(page, id, result.error);
      return;
    }
    hideNotice();
    page.tasks.softDelete(id);
    page.draw();
    announce(`${quoted(title)} was moved to the trash.`);
  });

/** Restores a task from the trash. */
export const restore = (page: Page, { id, title }: Item): Promise<void> =>
  attempt(async () => {
    if (page.own.changes(id)) return;
    const result = await page.own.change(id, () => page.api.task.restore.safe({ id }));
    if (!result.ok) {
      await refused(page, id, result.error);
      return;
    }
    hideNotice();
    answered(page, result.data.body.items);
    announce(`${quoted(title)} is restored.`);
  });

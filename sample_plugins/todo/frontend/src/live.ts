/** Live changes of other users, and the state of the connection. */
import type { AcmeTodoEvents, AnyEvent } from "../generated-config";
import { announce } from "./announce";
import { find } from "./dom";
import { hideNotice, showNotice } from "./notice";
import type { Page } from "./page";
import { quoted } from "./formats";

type State = "connecting" | "live" | "reconnecting" | "refused";

const labels: { readonly [Key in State]: string } = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", refused: "Not live" };

const verbs = { taskCreated: "was added", taskUpdated: "was changed", taskRestored: "was restored" } as const;

const show = (state: State): void => {
  const place = find("connection", HTMLParagraphElement);
  place.dataset["state"] = state;
  if (place.textContent !== labels[state]) place.textContent = labels[state];
};

const deleted = (page: Page, id: string, forGood: boolean): void => {
  if (page.own.forget(id)) return;
  const known = page.tasks.get(id);
  const news = forGood ? true : page.tasks.softDelete(id);
  if (forGood) page.tasks.erase(id);
  if (news === undefined) page.refetch();
  else if (news && known) announce(`${quoted(known.title)} was deleted elsewhere.`);
};

const heard = (page: Page, event: AnyEvent<AcmeTodoEvents>): void => {
  const { body, action } = event.data;
  if (event.channel === "taskDeleted") {
    for (const id of body.deleted ?? []) deleted(page, id, action === "dataHardDelete");
  } else {
    const { tasks, own } = page;
    for (const item of body.items) {
      const before = event.channel === "taskRestored" ? { ...item, isDeleted: true } : body.prevVersion;
      if (tasks.put(item, before) && !own.changes(item.id)) announce(`${quoted(item.title)} ${verbs[event.channel]} elsewhere.`);
    }
  }
  page.draw();
};

/** Subscribes to all changes. */
export const follow = (page: Page): void => {
  page.api.on.any((event) => heard(page, event), {
    onOpen: () => {
      show("live");
      hideNotice("outage");
      page.own.forgetAll();
      page.refetch();
    },
    onClose: () => show("reconnecting"),
    onError: (error) => {
      show("refused");
      showNotice(`Changes of other users are not shown automatically: ${error.message}`, "news");
    },
  });
};

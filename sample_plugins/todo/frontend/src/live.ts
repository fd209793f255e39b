/** What others do, and whether this page hears of it. */
import type { AcmeTodoEvents, AnyEvent } from "../generated-config";
import { announce } from "./announce";
import { find } from "./dom";
import { hideNotice, showNotice } from "./notice";
import type { Page } from "./page";
import { quoted } from "./words";

type State = "connecting" | "live" | "reconnecting" | "refused";

const words: { readonly [Key in State]: string } = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", refused: "Not live" };

const said = { taskCreated: "was added", taskUpdated: "was changed", taskRestored: "was restored" } as const;

const show = (state: State): void => {
  const place = find("connection", HTMLParagraphElement);
  place.dataset["state"] = state;
  if (place.textContent !== words[state]) place.textContent = words[state];
};

const deleted = (page: Page, id: string, forGood: boolean): void => {
  if (page.own.forget(id)) return;
  const known = page.tasks.get(id);
  const news = forGood ? true : page.tasks.bin(id);
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
      if (tasks.put(item, before) && !own.changes(item.id)) announce(`${quoted(item.title)} ${said[event.channel]} elsewhere.`);
    }
  }
  page.draw();
};

/** Listens from now on. */
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
      showNotice(`Changes of others do not show by themselves: ${error.message}`, "news");
    },
  });
};

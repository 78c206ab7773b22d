// Adds the reader's own time to `<time data-local-time datetime="…">`; pages work without it.
for (const element of document.querySelectorAll("time[data-local-time]")) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const own = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(moment);
  element.title = `${own} (${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
}

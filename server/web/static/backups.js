// A download leaves the page as it is, so the dialog that asked for it would stay open.
document.addEventListener("submit", (event) => {
  const dialog = event.target.closest("dialog");
  if (dialog && new URL(event.target.action).pathname.endsWith("/download")) setTimeout(() => dialog.close());
});

// Buttons that copy the text of another element: shown only where copying works.
export function letCopy() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    const words = button.querySelector("span") ?? button;
    const before = (button.dataset.label ??= words.textContent);
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      words.textContent = "Select it and copy it yourself";
      getSelection().selectAllChildren(source);
    }
    setTimeout(() => (words.textContent = before), 3000);
  });
}

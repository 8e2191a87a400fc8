// Buttons that put known patterns into a field, one to a line; what stands there already is not put twice.
for (const group of document.querySelectorAll("[data-suggestions]")) {
  const field = document.getElementById(group.dataset.suggestions);
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const pattern = event.target.closest("button")?.value;
    if (!pattern) return;
    const lines = field.value.split(/[\s,]+/).filter(Boolean);
    if (!lines.includes(pattern)) field.value = [...lines, pattern].join("\n");
  });
}

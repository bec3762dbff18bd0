
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const findings = [...document.querySelectorAll("article.finding")].map((node) => [node, node.textContent.toLowerCase()]);
  const apply = () => {
    const on = new Set([...form.querySelectorAll("input:checked")].map((box) => box.value));
    const words = form.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [node, text] of findings) {
      node.hidden = !on.has(node.dataset.severity) || !words.every((word) => text.includes(word));
      count += !node.hidden;
    }
    for (const file of document.querySelectorAll("section.file"))
      file.hidden = !file.querySelector("article:not([hidden])");
    form.querySelector("output").textContent = count < findings.length ? `${count} of ${findings.length}` : "";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
})();

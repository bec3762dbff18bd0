(() => {
  // Of the arrows only those of the service under the pointer stand out.
  for (const box of document.querySelectorAll("svg .box")) {
    const svg = box.closest("svg");
    const light = (on) => {
      svg.classList.toggle("lit", on);
      for (const arrow of svg.querySelectorAll(".arrow"))
        arrow.classList.toggle("on", on && arrow.dataset.ends.split(" ").includes(box.dataset.number));
    };
    for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => light(true));
    for (const event of ["pointerleave", "focusout"]) box.addEventListener(event, () => light(false));
  }
})();

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

// The bar below a list shows while something is ticked, and says how much. Ticking all of
// the page needs the script: its boxes, in the head and for phones in the bar, are made here.
const bar = document.querySelector(".picked")

if (bar) {
  const form = bar.closest("form")
  const boxes = [...form.querySelectorAll("tbody input")]
  const said = bar.querySelector("[data-some]")
  const head = form.querySelector("thead th")
  const alls = [head, bar].map(place => {
    const label = document.createElement("label")
    const all = document.createElement("input")
    all.type = "checkbox"
    if (place === bar) {
      label.className = "check"
      label.append(all, bar.dataset.all)
      said.after(label)
    } else {
      all.setAttribute("aria-label", bar.dataset.all)
      label.append(all, place.textContent)
      place.replaceChildren(label)
    }
    all.addEventListener("change", () => {
      for (const b of boxes) b.checked = all.checked
    })
    return all
  })

  const show = () => {
    const n = boxes.filter(b => b.checked).length
    bar.hidden = !n
    said.textContent = said.dataset.some.replace("{n}", n)
    for (const all of alls) {
      all.checked = n === boxes.length
      all.indeterminate = n > 0 && n < boxes.length
    }
    for (const b of boxes) b.closest("tr").classList.toggle("sel", b.checked)
  }
  form.addEventListener("change", show)
  form.addEventListener("reset", () => setTimeout(show))
  addEventListener("pageshow", show) // a browser that goes back keeps the ticks
}

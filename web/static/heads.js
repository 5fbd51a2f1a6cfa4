// A filter in the head of a column closes when something else is pressed, or by Escape.
const close = except => { for (const f of document.querySelectorAll(".hf[open]")) if (f !== except) f.open = false }
document.addEventListener("click", e => close(e.target.closest(".hf")))
document.addEventListener("keydown", e => {
  const open = e.key === "Escape" && document.querySelector(".hf[open]")
  if (!open) return
  close()
  open.firstElementChild.focus()
})

// The slash goes to the search box of the top bar, where nothing is being typed.
document.addEventListener("keydown", e => {
  if (e.key !== "/" || e.isComposing || e.ctrlKey || e.altKey || e.metaKey || e.target.matches("input, select, textarea")) return
  const box = document.getElementById("find")
  if (!box || !box.offsetParent) return
  e.preventDefault()
  box.focus()
  box.select()
})

// On a phone the menu is a row that scrolls: it begins where the page stands in it.
for (const here of document.querySelectorAll(".side [aria-current], .tabs [aria-current]")) {
  here.parentNode.scrollLeft += here.getBoundingClientRect().left - here.parentNode.getBoundingClientRect().left - 48
}

// The ledger form with a script: Enter goes down, Ctrl+S saves, a column pastes downward,
// and what is typed is saved as a draft every 20 seconds and on leaving a field. Without
// it the form does the same by its buttons.
const form = document.getElementById("ledger")
const status = document.getElementById("saved")
const every = 20_000

const fields = () => [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]), select, textarea")]

// go moves to the next field, or the one before.
function go(from, by) {
  const all = fields()
  const next = all[all.indexOf(from) + by]
  if (!next) return
  next.focus()
  if (next.select) next.select()
}

form.addEventListener("keydown", e => {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "s") {
    e.preventDefault()
    const button = form.querySelector("button[value=save]:not(.vh)")
    if (button) submit(button)
    return
  }
  // While an input method composes, Enter takes its proposal.
  if (e.key !== "Enter" || e.isComposing || e.keyCode === 229 || e.ctrlKey || e.altKey || e.metaKey) return
  if (e.target.matches("input, select")) {
    e.preventDefault()
    go(e.target, e.shiftKey ? -1 : 1)
  }
})

// The key press that follows would send the form.
form.addEventListener("keypress", e => {
  if (e.key === "Enter" && e.target.matches("input, select")) e.preventDefault()
})

// submit sends the form as its button does.
function submit(button) {
  if (form.requestSubmit) form.requestSubmit(button)
  else button.click()
}

// column are the cells that a value is pasted down into: those below in the table, or
// the numbers that follow in their section.
function column(input) {
  const cell = input.closest("td, th")
  if (!cell) {
    const all = [...input.closest("section").querySelectorAll("input.num")]
    return all.slice(all.indexOf(input))
  }
  const rows = [...cell.closest("tbody").rows]
  return rows.slice(rows.indexOf(cell.parentNode)).map(r => r.cells[cell.cellIndex]?.querySelector("input:not([type=hidden])")).filter(Boolean)
}

form.addEventListener("paste", e => {
  const text = e.clipboardData.getData("text/plain").replace(/\r?\n$/, "")
  if (!e.target.matches("input.num") || !/[\r\n\t]/.test(text)) return
  e.preventDefault()
  const values = text.split(/\r?\n/).map(line => line.split("\t")[0].trim())
  const cells = column(e.target)
  values.slice(0, cells.length).forEach((v, i) => { cells[i].value = v })
  const put = Math.min(values.length, cells.length)
  changed()
  status.textContent = form.dataset.pasted.replace("{n}", put).replace("{m}", values.length - put)
})

let dirty = false, saving = null, leaving = false

function changed(e) {
  if (e?.target.type === "file") return

  dirty = true
  if (!saving) status.textContent = form.dataset.unsaved
}

// save keeps what is typed on the server, one at a time; what amends, once it says why.
function save() {
  if (!dirty || saving || leaving || !form.querySelector("button[value=check]") || form.querySelector("[name=reason]")?.value.trim() === "") return
  dirty = false
  saving = send().finally(() => { saving = null })
}

async function send() {
  const typed = new FormData(form)
  typed.delete("file") // goes with a button
  const body = new URLSearchParams(typed)
  body.set("do", "auto")
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } })
    if (answer.status === 401 || answer.status === 403) {
      status.textContent = form.dataset.over
      return
    }
    const said = await answer.json()
    status.textContent = said.text
    if (said.left) document.dispatchEvent(new CustomEvent("used", { detail: said.left }))
    if (answer.ok) stored(said)
  } catch {
    dirty = true
    status.textContent = form.dataset.broken
  }
}

// stored goes on with the draft that is on the server now.
function stored(said) {
  form.action = said.action
  let version = form.querySelector("[name=version]")
  if (!version) {
    version = document.createElement("input")
    version.type = "hidden"
    version.name = "version"
    form.append(version)
  }
  version.value = said.version
  if (location.pathname !== said.action) history.replaceState(null, "", said.action)
}

form.addEventListener("input", changed)
form.addEventListener("focusout", save)
setInterval(save, every)

// A button pressed while a draft is on its way waits for it, for the version that it brings.
form.addEventListener("submit", e => {
  leaving = !saving
  if (!saving) return
  e.preventDefault()
  const button = e.submitter ?? form.querySelector("button")
  saving.then(() => submit(button))
})

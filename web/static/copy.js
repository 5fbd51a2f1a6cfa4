// Copies the table of a list the way a spreadsheet takes it: a line for each row, tabs
// between cells; beside it the same as HTML, where every cell that is no number is marked
// as text, so that a code of eighteen digits keeps them all and nothing becomes a formula.
// The table is selected while it is copied, so that it is seen what was taken.
const copier = document.querySelector("button[data-copied]")
const list = document.querySelector("table.data.rows")

const number = /^[+-]?[0-9]+(\.[0-9]+)?$/

// written is what a person reads in a cell; the mark of an empty one is no content.
function written(cell) {
  const text = cell.innerText.replace(/\s+/g, " ").trim()
  return text === "--" ? "" : text
}

// guarded is the text as exports write it, a ' before what would run as a formula.
const guarded = text => /^'*[=+\-@＝＋－＠]/.test(text) && !number.test(text) ? "'" + text : text

function asHTML(cell) {
  const text = written(cell).replaceAll("&", "&amp;").replaceAll("<", "&lt;")
  return cell.matches("td.num") ? `<td>${text}</td>` : `<td style='mso-number-format:"\\@"'>${text}</td>`
}

function copied(e) {
  const rows = [...list.rows].map(row => [...row.cells])
  e.clipboardData.setData("text/plain", rows.map(cells => cells.map(c => guarded(written(c))).join("\t")).join("\r\n"))
  e.clipboardData.setData("text/html", `<table>${rows.map(cells => `<tr>${cells.map(asHTML).join("")}</tr>`).join("")}</table>`)
  e.preventDefault()
}

if (copier && list) {
  copier.hidden = false
  copier.addEventListener("click", () => {
    getSelection().selectAllChildren(list)
    document.addEventListener("copy", copied, {once: true})
    // The newer clipboard is closed to pages without TLS, which an office network may have.
    const done = document.execCommand("copy")
    document.removeEventListener("copy", copied)
    document.getElementById("copied").textContent = done ? copier.dataset.copied.replace("{n}", list.querySelectorAll("tbody:not(.sums) tr").length) : copier.dataset.refused
  })
}

// A sign-in ends when it is not used for long. Five minutes before, a dialog offers to go
// on; when it is over, to sign in again. Tabs share the moment, so that one is not told of
// what another has put off; a page that stayed open goes on with the next sign-in.
const stay = document.getElementById("stay")

if (stay?.showModal) {
  const [said, more, login] = stay.querySelectorAll("p:not(.acts), button, a"), notice = 3e5
  let timer, over, fixed // it has lasted as long as one may: no use prolongs it

  const tell = what => {
    said.textContent = stay.dataset[what]
    more.hidden = over
    login.hidden = !over
    login.href = "/login?next=" + encodeURIComponent(location.pathname + location.search)
    if (!stay.open) stay.showModal()
    stay.querySelector(":not([hidden]).btn").focus()
  }

  const look = () => {
    clearTimeout(timer)
    const left = localStorage.signedIn - Date.now()
    over = left <= 0
    if (over) return tell("over")
    if (left > notice) stay.close()
    else if (!fixed) tell("soon")
    timer = setTimeout(look, left > notice ? left - notice : left)
  }

  const used = left => {
    fixed = left * 1e3 <= notice
    localStorage.signedIn = Date.now() + left * 1e3
    look()
  }

  const ask = async () => {
    const answer = await fetch("/me/session")
    if (answer.redirected) return used(0)
    const { id, form, left } = await answer.json()
    if (id !== stay.dataset.who) return
    document.querySelectorAll("[name=form]").forEach(field => { field.value = form })
    used(left)
    if (fixed) tell("last")
  }

  used(stay.dataset.left)
  more.onclick = () => fixed ? stay.close() : ask()
  document.addEventListener("used", e => used(e.detail))
  document.addEventListener("input", () => { login.target = "_blank" })
  addEventListener("storage", e => { if (e.key === "signedIn") over ? ask() : look() })
}

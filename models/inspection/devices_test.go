package inspection_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// deep makes TestDevices try fifty times as many interleavings.
var deep = flag.Bool("deep", false, "TestDevices: 368,640 interleavings instead of 7,290, in less than a minute")

// weather is what happens to one sending of a device.
type weather int

const (
	delivered   weather = iota // it arrives and the answer comes back
	answerLost                 // it arrives shuffled, the answer does not: all of it comes again
	reinstalled                // the program was removed; its backup brings everything again, the clock is set anew
	requestLost                // nothing arrives
)

// device is a phone with its queue. What it made it keeps until the answer is there;
// the backup keeps all.
type device struct {
	skew  time.Duration // of its clock
	made  int           // events so far
	queue []inspection.EventInput
	all   []inspection.EventInput
}

// next makes an event: its clock is wrong by the skew, its running time is right.
func (d device) next(number int) device {
	started := at("09:00")
	elapsed := int64(number*1000+d.made) * 60_000
	e := inspection.EventInput{ID: fmt.Sprintf("0190c000-0000-7000-8000-%04d%08d", number, d.made), ServerAt: started.Format(time.RFC3339), ElapsedMs: &elapsed,
		At: started.Add(time.Duration(elapsed)*time.Millisecond + d.skew).Format(time.RFC3339), Type: inspection.EventNote, Text: fmt.Sprintf("设备 %d 第 %d 条", number, d.made)}
	d.made++
	d.queue, d.all = append(slices.Clip(d.queue), e), append(slices.Clip(d.all), e)
	return d
}

// send is one sending in some weather: what reaches the server, and the device after it.
func (d device) send(w weather, shuffle func([]inspection.EventInput)) ([]inspection.EventInput, device) {
	sent := slices.Clone(d.queue)
	switch w {
	case delivered:
		d.queue = nil
	case answerLost:
		shuffle(sent)
	case reinstalled:
		d.queue, d.skew = d.all, d.skew/2-time.Minute
		sent = nil
	case requestLost:
		sent = nil
	}
	return sent, d
}

// play is one moment of a run: three devices and what the server has.
type play struct {
	devices [3]device
	door    inspection.Door
	kept    int      // answers that said stored
	told    []string // what happened so far, for a failure
}

var skews = [3]time.Duration{0, 3 * time.Hour, -50 * time.Hour}

func newPlay() play {
	p := play{door: inspection.NewDoor(inspection.Patrol{Versioned: models.Versioned{ID: "0190c000-0000-7000-8000-00000000aaaa"}})}
	for i := range p.devices {
		p.devices[i].skew = skews[i]
	}
	return p
}

// step lets a device make an event and send what waits.
func (p play) step(t *testing.T, number int, w weather) play {
	t.Helper()
	sent, d := p.devices[number].next(number).send(w, slices.Reverse[[]inspection.EventInput])
	p.devices[number] = d
	p.told = append(slices.Clip(p.told), fmt.Sprintf("%d:%d", number, w))
	if len(sent) > 0 {
		p.door = p.door.Copy()
		for _, r := range p.door.Take(sent, at("23:00")) {
			switch r.Outcome {
			case inspection.EventStored:
				p.kept++
			case inspection.EventRefused:
				t.Fatalf("after %v: %s refused: %v", p.told, r.ID, r.Violations)
			}
		}
	}
	return p
}

// settle brings everything that still waits, and compares: every event that any device
// made is there, once, as it was made, with the error of the clock that made it.
func (p play) settle(t *testing.T) {
	t.Helper()
	for i := range p.devices {
		p = p.step(t, i, delivered)
	}
	made := map[string]inspection.EventInput{}
	for _, d := range p.devices {
		for _, e := range d.all {
			made[e.ID] = e
		}
	}
	stored := p.door.Stored()
	if p.kept != len(made) || len(stored) != len(made) {
		t.Fatalf("after %v: %d made, %d answered as stored, %d there", p.told, len(made), p.kept, len(stored))
	}
	for _, e := range stored {
		in, there := made[string(e.ID)]
		delete(made, string(e.ID))
		sent, _ := code.ParseInstant(in.At)
		seen, _ := code.ParseInstant(in.ServerAt)
		if !there || e.Body.V.Text != in.Text || !e.At.Equal(sent) || e.ClockErrorMs == nil || *e.ClockErrorMs != sent.Sub(seen).Milliseconds()-*in.ElapsedMs {
			t.Fatalf("after %v: %+v is not what was made: %+v", p.told, e, in)
		}
	}
}

// TestDevices tries every order of three devices with up to two sendings each, in every
// weather of each sending: nothing that was made is lost, nothing is there twice.
func TestDevices(t *testing.T) {
	kinds, sendings, want := []weather{delivered, answerLost, reinstalled}, [3]int{2, 2, 1}, 30*3*3*3*3*3 // 5! / (2! 2! 1!) orders
	if *deep {
		kinds, sendings, want = append(kinds, requestLost), [3]int{2, 2, 2}, 90*4*4*4*4*4*4
	}
	runs := 0
	var run func(p play, left [3]int)
	run = func(p play, left [3]int) {
		if left == [3]int{} {
			runs++
			p.settle(t)
			return
		}
		for d := range left {
			if left[d] == 0 {
				continue
			}
			rest := left
			rest[d]--
			for _, w := range kinds {
				run(p.step(t, d, w), rest)
			}
		}
	}
	run(newPlay(), sendings)
	if runs != want {
		t.Errorf("%d interleavings, want %d", runs, want)
	}
	t.Logf("%d interleavings of 3 devices: no event lost or doubled", runs)
}

// TestDevicesThroughTheDoor is the same with the database behind it, the three at once
// and in weather by chance.
func TestDevicesThroughTheDoor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, tries := w.Inspector("baoan"), 0
		for seed := range uint64(6) {
			p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
			var wg sync.WaitGroup
			var sum sync.Map // id → times answered as stored
			for number := range skews {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(number)))
					d := device{skew: skews[number]}
					for try := range 6 {
						kind := weather(r.IntN(4))
						if try == 5 {
							kind = delivered
						}
						var sent []inspection.EventInput
						sent, d = d.next(number).send(kind, func(in []inspection.EventInput) {
							r.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
						})
						if len(sent) == 0 {
							continue
						}
						a, err := w.Record(ctx, p.ID, inspection.BatchInput{Events: sent})
						if err != nil || strings.Contains(outcomes(a), inspection.EventRefused) {
							t.Errorf("device %d: %v %v", number, err, outcomes(a))
							return
						}
						for _, x := range a.Results {
							if _, before := sum.LoadOrStore(x.ID, true); before && x.Outcome == inspection.EventStored {
								t.Errorf("%s was stored twice", x.ID)
							}
						}
					}
				})
				tries += 6
			}
			wg.Wait()
			page, _, err := w.Events(ctx, p.ID, models.Query{Limit: 50})
			if err != nil || len(page.Items) != 18 {
				t.Errorf("seed %d: %d events of 18, %v", seed, len(page.Items), err)
			}
		}
		t.Logf("%d sendings of 3 devices at once", tries)
	})
}

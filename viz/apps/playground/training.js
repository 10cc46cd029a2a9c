// Training as a person drives it: play and pause, one update, one epoch, and back to any step.

import { iconButton, showIcon } from "./buttons.js";
import { number } from "./numbers.js";

export const SPEEDS = { 2: "2/s", 10: "10/s", 60: "60/s", 600: "600/s", all: "full" };
const BUDGET = 12; // milliseconds of training for a frame
const MOST_AT_ONCE = 1e5; // updates
const PACE = 20; // updates of a frame where they were done before

export class Training {
  /** `isAllowed()` says whether one update may be done; `tell` and `say` take a sentence, `run` an
   * action that may be refused; `look` fetches the picture, `draw` draws, `drawAll` does both. */
  constructor(session, { isAllowed, tell, say, run, look, draw, drawAll }) {
    Object.assign(this, { session, isAllowed, tell, say, run, look, draw, drawAll });
    Object.assign(this, {
      isPlaying: false,
      isLooping: false,
      isGoing: false,
      speed: "all",
      wanted: null,
      backwards: 0,
    });
    this.play = iconButton("play", "Play", () => this.toggle());
    this.buttons = [
      iconButton("first", "back to the first step", () => this.goTo(-Infinity)),
      iconButton("back", "one step back", () => this.back()),
      this.play,
      iconButton("next", "one update", () => this.update()),
    ];
  }

  async toggle() {
    if (this.session.stop()) return;
    this.isPlaying = !this.isPlaying;
    this.showPlaying();
    if (this.isPlaying) await this.loop();
  }

  pause() {
    this.isPlaying = false;
  }

  showPlaying() {
    const canPause = this.isPlaying || this.session.end !== null;
    this.play.setAttribute("aria-label", canPause ? "Pause" : "Play");
    showIcon(this.play, canPause ? "pause" : "play");
  }

  /** Until it is paused, and nothing of it is under way any more. */
  async loop() {
    if (this.isLooping) return; // paused a moment ago: that loop goes on
    this.isLooping = true;
    try {
      while (this.isPlaying) await this.frames();
    } finally {
      this.isLooping = false;
    }
    this.showPlaying();
    await this.drawAll(); // the picture at rest is finer
  }

  /** One frame after the other: while one is drawn, the next is computed. */
  async frames() {
    this.due = performance.now();
    let coming = this.frame();
    while (this.isPlaying) {
      const isRefused = await this.run(() => coming);
      if (!this.isPlaying) break;
      const {
        frame: { trouble },
        step,
        timeline,
      } = this.session;
      if (trouble && step === timeline.last) this.stop(trouble);
      if (isRefused) this.isPlaying = false;
      if (this.isPlaying) coming = this.frame();
      this.draw();
      await new Promise(requestAnimationFrame);
    }
    await coming.catch((error) => this.tell(error.message));
  }

  async frame() {
    const { session } = this;
    const now = performance.now();
    if (this.speed === "all") {
      await session.train(session.step < session.timeline.last ? PACE : MOST_AT_ONCE, BUDGET);
    } else if (now >= this.due) {
      const each = 1000 / Number(this.speed);
      const count = Math.max(1, Math.min(1000, Math.floor((now - this.due) / each) + 1));
      this.due += count * each;
      await session.train(count);
    }
    await this.look();
  }

  /** Say in plain words that training diverged, which step was still good, and then what the engine
   * says of it. */
  stop(said) {
    this.isPlaying = false;
    const { timeline } = this.session;
    const good = timeline.lastGood();
    const back =
      good > timeline.parts[0].step
        ? `Go back to step ${good}, where the loss was still small`
        : "Go back to the first step, or reset";
    const engine = said.replace(/\.?$/, ".");
    const lost = "The numbers became too large, and nothing was lost";
    this.tell(`${lost}. ${back}, and make the rate smaller. (${engine})`);
  }

  async update() {
    if (!this.isAllowed()) return;
    await this.run(async () => {
      await this.session.train(1);
      const { trouble, state, loss } = this.session.frame;
      if (trouble && this.session.step === this.session.timeline.last) this.stop(trouble);
      this.say(`Step ${state.step}, loss ${number(loss)}.`);
    });
  }

  epoch() {
    const { batch } = this.session.config;
    const count = this.session.data.inputs.length;
    return this.run(() => this.session.train(batch ? Math.ceil(count / batch) : 1));
  }

  /** Steps back that are asked for before it has begun count together. */
  async back() {
    this.isPlaying = false;
    if (!this.session.frame || this.backwards++) return;
    const back = (now) => {
      const step = now - this.backwards;
      this.backwards = 0;
      return step;
    };
    await this.run(() => this.session.go(back));
  }

  /** The slider moves faster than the training: only the last place counts. */
  async goTo(step) {
    this.isPlaying = false;
    this.wanted = step;
    if (this.isGoing) return;
    this.isGoing = true;
    await this.run(async () => {
      while (this.wanted !== null) {
        const next = this.wanted;
        this.wanted = null;
        const end = next < 0 ? 0 : this.session.timeline.last;
        await this.session.go(Number.isFinite(next) ? next : end);
      }
    });
    this.isGoing = false;
    this.wanted = null;
  }
}

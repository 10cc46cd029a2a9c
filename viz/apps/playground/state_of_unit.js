// What hinders a neuron from learning.

const SATURATED = 0.95; // share of the examples, from which on a neuron is marked

/** In a word and in a sentence; both are "" where nothing does. */
export function stateOfUnit({ dead = 0, saturated = 0 } = {}, { activation }, isPinned) {
  const local = `the local derivative of ${activation} is`;
  if (dead === 1) {
    const why = `${local} 0 for every training example, so nothing flows back through it`;
    return { said: "dead", why };
  }
  if (saturated > SATURATED) {
    const share = `${Math.round(100 * saturated)} % of the training examples`;
    return {
      said: "saturated",
      why: `${local} below 0.01 for ${share}, so little flows back through it`,
    };
  }
  return isPinned ? { said: "pinned", why: "its weights do not move" } : { said: "", why: "" };
}

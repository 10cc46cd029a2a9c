// The address of the page, which holds the whole state: the settings and the data at the beginning,
// what was changed at which step, and the step.

/** What an address says of a session, if it makes sense: it goes on from the first state, whatever
 * the host has reached since. */
export function settingsInAddress(settings) {
  try {
    const {
      config,
      data,
      changes = [],
      step = 0,
    } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    const { state, given, ...rest } = settings;
    return {
      ...rest,
      changes,
      step,
      given,
      ...(given && { state: given }),
      without: settings,
      config: { ...settings.config, ...config },
      data: { ...settings.data, ...data },
    };
  } catch {
    return settings;
  }
}

/** Keep a session in the address, where it can: no address tells of a first state that was reached
 * otherwise. */
export class Address {
  constructor({ state, given }) {
    Object.assign(this, { canTell: state === given, written: "" });
  }

  write(session) {
    if (!this.canTell) return;
    const [first] = session.timeline.parts;
    const kept = {
      config: first.config,
      data: first.wanted,
      changes: session.changes(),
      step: session.step,
    };
    const text = `#${encodeURIComponent(JSON.stringify(kept))}`;
    if (text === this.written) return;
    this.written = text;
    history.replaceState(null, "", text);
  }
}

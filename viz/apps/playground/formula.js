// Formulas that Python wrote, as MathML, which the browser typesets: with names, or with numbers.

const MATHML = "http://www.w3.org/1998/Math/MathML";

function element(tag, ...children) {
  const made = document.createElementNS(MATHML, tag);
  made.append(...children);
  return made;
}

/** An element of MathML as Python has it, [tag, children…]; `textOf(name)` says what stands in the
 * place of a name. What is negative has parentheses, but for the first thing. */
export function formulaOf(math, textOf) {
  let isFirst = true;
  const built = (one) => {
    if (typeof one === "string") return one;
    if (Array.isArray(one)) return fitted(element(one[0], ...one.slice(1).map(built)));
    const text = textOf(one.at);
    const isNegative = text.startsWith("−");
    const number = element(/\d|∞/.test(text) ? "mn" : "mi", text);
    const fenced = isNegative && !isFirst;
    isFirst = false;
    return fenced ? element("mrow", ...["(", number, ")"].map(parenthesis)) : number;
  };
  return built(math);
}

const FORMS = { "(": "prefix", ")": "postfix" }; // by themselves they would keep their distance
const parenthesis = (one) => (typeof one === "string" ? fitted(element("mo", one)) : one);

function fitted(one) {
  const form = one.localName === "mo" && FORMS[one.textContent];
  if (form) one.setAttribute("form", form);
  return one;
}

/** name ← formula, or first = formula = last. */
export function equation(links, signs) {
  const parts = links.flatMap((link, i) => (i ? [element("mo", signs[i - 1]), link] : [link]));
  const flat = parts.flatMap((one) => (one.localName === "mrow" ? [...one.childNodes] : [one]));
  const whole = element("math", ...flat);
  whole.setAttribute("displaystyle", "true"); // fractions as large as what is beside them
  return whole;
}

export const nameOf = (text) => element("mi", text);
export const numeralOf = (text) => element("mn", text);

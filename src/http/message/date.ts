/**
 * Dates as HTTP writes and reads them: IMF-fixdate, and the two obsolete forms for reading only.
 * Time comes in as milliseconds since 1970; no clock is asked here. Source: RFC 9110 section 5.6.7.
 */

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** "Sun, 06 Nov 1994 08:49:37 GMT" */
const IMF_FIXDATE = new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`);
/** "Sunday, 06-Nov-94 08:49:37 GMT" */
const RFC850 = new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`);
/** "Sun Nov  6 08:49:37 1994" */
const ASCTIME = new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`);

/** Two digits below this one mean 20xx, the others 19xx. */
const PIVOT_YEAR = 69;

const SECOND = 1000;

/** "Sun, 06 Nov 1994 08:49:37 GMT". RangeError for a time before the year 0 or after 9999. */
export function httpDate(ms: number): string {
  if (typeof ms !== 'number') {
    throw new TypeError('httpDate: ms must be a number of milliseconds since 1970');
  }
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999))
    throw new RangeError(`httpDate: ${ms} is not a time with a year`);
  return date.toUTCString();
}

/**
 * The time that `text` gives, null if it is in none of the three forms. The day of the week is not
 * compared with the date; a leap second is not accepted.
 */
export function parseHttpDate(text: string): number | null {
  const match = IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text) ?? RFC850.exec(text);
  if (match === null) return null;
  const { day, month, year, hour, minute, second } = match.groups as Record<string, string>;
  const monthIndex = MONTHS.indexOf(month as string);
  const date = new Date(0);
  date.setUTCFullYear(fullYear(year as string), monthIndex, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  // A day, hour, minute or second that does not exist has moved the others.
  const exists =
    date.getUTCMonth() === monthIndex &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    date.getUTCMinutes() === Number(minute) &&
    date.getUTCSeconds() === Number(second);
  return exists ? date.getTime() : null;
}

/** The Date field of responses, made anew once a second. */
export class DateLine {
  #line = '';
  /** The line holds from this time … */
  #from = 0;
  /** … until before this one. */
  #until = 0;

  /** "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" at the time `now`, in milliseconds. */
  at(now: number): string {
    if (now >= this.#from && now < this.#until) return this.#line;
    this.#from = Math.floor(now / SECOND) * SECOND;
    this.#until = this.#from + SECOND;
    this.#line = `Date: ${httpDate(this.#from)}\r\n`;
    return this.#line;
  }
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year < PIVOT_YEAR ? 2000 + year : 1900 + year;
}

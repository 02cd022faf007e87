// Origins as an admin writes them: one a line, a full address is cut down to its origin.

export type Origins = { readonly origins: readonly string[] } | { readonly fault: string };

export function readOrigins(text: string): Origins {
  const origins: string[] = [];
  for (const line of text.split('\n')) {
    const word = line.trim();
    if (word === '') continue;
    const origin = originOf(word);
    if (origin === null)
      return { fault: `“${word}” is not an origin. Write it like https://www.example.org` };
    if (!origins.includes(origin)) origins.push(origin);
  }
  return { origins };
}

function originOf(word: string): string | null {
  try {
    const { origin, protocol } = new URL(word);
    return protocol === 'https:' || protocol === 'http:' ? origin : null;
  } catch {
    return null;
  }
}

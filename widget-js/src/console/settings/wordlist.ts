// Lists of short words (skills, languages) as a person writes them: with commas between.

export function words(text: string): string[] {
  const found = text.split(/[,\n]/u).map(word => word.trim());
  return [...new Set(found.filter(word => word !== ''))];
}

export function joined(list: readonly string[]): string {
  return list.join(', ');
}

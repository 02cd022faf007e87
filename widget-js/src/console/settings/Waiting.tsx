// What stands in for a settings page until its rows are there, or when they do not come.

interface Props {
  readonly error: string | null;
  readonly onRetry: () => void;
}

export function Waiting({ error, onRetry }: Props) {
  if (error === null) return <p class="quiet">Loading…</p>;
  return (
    <p role="alert">
      {error}{' '}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}

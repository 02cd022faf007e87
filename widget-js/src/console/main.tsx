// The console's entry: takes a code out of the address before anything else, then draws.

import { render } from 'preact';
import { takeArrival } from './arrival.ts';
import { App } from './components/App.tsx';
import { createRest } from './rest.ts';

const root = document.getElementById('console');
const arrival = takeArrival(location, history);
const rest = createRest((input, init) => window.fetch(input, init));
if (root !== null) render(<App rest={rest} arrival={arrival} />, root);

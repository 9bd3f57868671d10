import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Assembly } from './assembly.jsx';

function Page() {
  const [source, setSource] = useState('int answer(void) { return 6 * 7; }');
  return (
    <>
      <label htmlFor="source">C</label>
      <textarea id="source" rows={6} cols={60} value={source} onChange={({ target }) => setSource(target.value)} />
      <Assembly source={source} />
    </>
  );
}

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);

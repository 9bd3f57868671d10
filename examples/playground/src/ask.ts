import { $ } from './dom.js';

/** Asks the user for a name in a dialog. @returns undefined if the user gives none */
export function askName(
  question: string,
  value: string,
  problem: (name: string) => string | undefined,
): Promise<string | undefined> {
  const dialog = $<HTMLDialogElement>('ask');
  const input = $<HTMLInputElement>('ask-name');
  $('ask-question').textContent = question;
  $('ask-problem').textContent = '';
  input.value = value;
  $('ask-cancel').onclick = () => dialog.close('');
  dialog.showModal();
  const stem = value.lastIndexOf('.');
  input.setSelectionRange(value.lastIndexOf('/') + 1, stem < 0 ? value.length : stem);
  return new Promise((resolve) => {
    const form = $<HTMLFormElement>('ask-form');
    const submit = (event: Event) => {
      event.preventDefault();
      const wrong = problem(input.value.trim());
      $('ask-problem').textContent = wrong ?? '';
      if (wrong === undefined) dialog.close(input.value.trim());
    };
    dialog.returnValue = '';
    form.addEventListener('submit', submit);
    dialog.addEventListener(
      'close',
      () => {
        form.removeEventListener('submit', submit);
        resolve(dialog.returnValue || undefined);
      },
      { once: true },
    );
  });
}

/**
 * A chat as people write one with `useStream`: the thread is in the address, so that a reload finds it again. What was on the
 * screen at any moment is kept in `window.shown`.
 */
import { useStream } from 'langgraph-sdk-1.15/react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const address = new URL(window.location.href);

function Chat() {
  const [threadId, setThreadId] = useState(address.searchParams.get('thread'));
  const chat = useStream({
    apiUrl: address.searchParams.get('api'),
    assistantId: address.searchParams.get('assistant'),
    threadId,
    onThreadId: (id) => {
      address.searchParams.set('thread', id);
      window.history.replaceState(null, '', address);
      setThreadId(id);
    },
    reconnectOnMount: true,
  });
  const { interrupt } = chat;
  return (
    <main>
      <p id="state">{chat.isLoading ? 'busy' : 'idle'}</p>
      <p id="thread">{threadId}</p>
      {chat.error ? <p id="error">{String(chat.error)}</p> : null}
      <ul>
        {chat.messages.map((message) => (
          <li key={message.id} data-type={message.type}>
            {message.content}
          </li>
        ))}
      </ul>
      <p id="log">{(chat.values.log ?? []).join(' ')}</p>
      {interrupt ? (
        <button id="answer" onClick={() => chat.submit(undefined, { command: { resume: 'yes' } })}>
          {String(interrupt.value)}
        </button>
      ) : null}
      <button id="send" onClick={() => chat.submit({ messages: [{ type: 'human', content: 'Talk.' }] })}>
        send
      </button>
      <button id="stop" onClick={() => chat.stop()}>
        stop
      </button>
    </main>
  );
}

const root = document.getElementById('root');
window.shown = [];
new MutationObserver(() => {
  window.shown.push([...document.querySelectorAll('[data-type=ai]')].map((item) => item.textContent));
}).observe(root, { subtree: true, childList: true, characterData: true });
createRoot(root).render(<Chat />);

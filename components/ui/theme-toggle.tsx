'use client' // reads and sets the theme of this browser

import { Monitor, Moon, Sun } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { IconButton } from './button.tsx'
import { Menu, MenuItem } from './menu.tsx'

type Theme = 'system' | 'light' | 'dark'
/** Where the choice is kept; app/layout.tsx reads it before the first paint. */
export const THEME_KEY = 'leakroom-theme'
/** Told on `window` after each change, so that charts can repaint with the new colours. */
export const THEME_EVENT = 'leakroom:theme'

const LABELS: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }
const ICONS = { system: Monitor, light: Sun, dark: Moon }

/** System, light or dark. */
export function ThemeToggle() {
  const theme = useSyncExternalStore(subscribe, chosenTheme, (): Theme => 'system')
  const Icon = ICONS[theme]
  return (
    <Menu
      trigger={
        <IconButton label={`Theme: ${LABELS[theme].toLowerCase()}`}>
          <Icon size={15} aria-hidden="true" />
        </IconButton>
      }
    >
      {(['system', 'light', 'dark'] as const).map((choice) => (
        <MenuItem key={choice} checked={choice === theme} onSelect={() => chooseTheme(choice)}>
          {LABELS[choice]}
        </MenuItem>
      ))}
    </Menu>
  )
}

/** Sets the theme of this browser; 'system' follows it again. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(THEME_KEY)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(THEME_KEY, theme)
    document.documentElement.dataset.theme = theme
  }
  window.dispatchEvent(new Event(THEME_EVENT))
}

function chosenTheme(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function subscribe(changed: () => void): () => void {
  window.addEventListener(THEME_EVENT, changed)
  return () => window.removeEventListener(THEME_EVENT, changed)
}

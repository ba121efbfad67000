'use client' // Listens to the window.

import { useEffect, useState } from 'react'
import { toast } from 'sonner'

/** Takes files that are dropped anywhere on the page. True while some are held over it. */
export function useFileDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [isDragging, setDragging] = useState(false)
  useEffect(() => {
    // dragenter and dragleave come for every element on the way: the page is left when as many left as entered.
    let depth = 0
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      depth++
      setDragging(true)
    }
    const leave = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setDragging(false)
    }
    const over = (event: DragEvent) => {
      if (!holdsFiles(event) || !event.dataTransfer) return
      // Without this the browser opens the file in place of the room.
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
    }
    const drop = (event: DragEvent) => {
      depth = 0
      setDragging(false)
      if (!holdsFiles(event) || !event.dataTransfer) return
      const wasTaken = event.defaultPrevented
      event.preventDefault()
      if (!wasTaken) onFiles(filesOf(event.dataTransfer))
    }
    window.addEventListener('dragenter', enter)
    window.addEventListener('dragleave', leave)
    window.addEventListener('dragover', over)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragenter', enter)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('dragover', over)
      window.removeEventListener('drop', drop)
    }
  }, [onFiles])
  return isDragging
}

/** Cards that are dragged about inside the page hold no files. */
const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

function filesOf(data: DataTransfer): File[] {
  const items = [...data.items].filter((item) => item.kind === 'file')
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry?.()?.isDirectory ?? false
  const folders = items.filter(isFolder).length
  if (folders > 0) toast.info('A folder cannot be attached. Drop the files inside it.')
  const files = items.filter((item) => !isFolder(item)).map((item) => item.getAsFile())
  return items.length > 0 ? files.filter((file) => file !== null) : [...data.files]
}

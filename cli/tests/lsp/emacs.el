;; What a person does in Emacs, with the lines of docs/editors.md as the whole configuration. Each result is a
;; line of JSON in the file that TESSERA_RESULTS names. -*- lexical-binding: t -*-
(require 'eglot)
(require 'json)

(defun tell (name value)
  (write-region (concat (json-encode `((name . ,name) (value . ,value))) "\n") nil (getenv "TESSERA_RESULTS") t 'quiet))

(defun wait-for (what test)
  (let ((until (time-add nil 100)) (found nil))
    (while (not (setq found (funcall test)))
      (when (time-less-p until nil) (error "%s did not happen" what))
      (accept-process-output nil 0.02)
      (sit-for 0.01))
    found))

(defun text () (buffer-substring-no-properties (point-min) (point-max)))

(defun put-point (what)
  (goto-char (point-min))
  (search-forward what)
  (goto-char (match-beginning 0)))

(defun messages ()
  (vconcat (mapcar (lambda (diagnostic)
                     `((from . ,(flymake-diagnostic-beg diagnostic)) (to . ,(flymake-diagnostic-end diagnostic))
                       (message . ,(flymake-diagnostic-text diagnostic))))
                   (flymake-diagnostics))))

(defun play ()
  (find-file (getenv "TESSERA_FILE"))
  ;; What the command loop does after the command that opened the file.
  (run-hooks 'post-command-hook)
  (wait-for "a connection" #'eglot-managed-p)
  (tell "mode" (symbol-name major-mode))
  (wait-for "the first diagnostic" #'flymake-diagnostics)
  (tell "diagnostics" (messages))

  (put-point "12")
  (delete-char 2)
  (insert "3")
  (eglot--signal-textDocument/didChange)
  (wait-for "the end of the diagnostic" (lambda () (null (flymake-diagnostics))))
  (tell "mended" t)

  (put-point "Store one")
  (let (said)
    (eglot-hover-eldoc-function (lambda (documentation &rest _) (setq said (or documentation "nothing"))))
    (wait-for "the hover" (lambda () said))
    (tell "hover" (substring-no-properties said)))

  (let ((here (current-buffer)))
    (xref-find-definitions (xref-backend-identifier-at-point (xref-find-backend)))
    (tell "definition" (format "%s:%d" (file-name-nondirectory buffer-file-name) (line-number-at-pos)))
    (switch-to-buffer here))

  (goto-char (point-min))
  (search-forward "3\n")
  (insert "  s")
  (let ((found (eglot-completion-at-point)))
    (tell "completion" (vconcat (mapcar #'substring-no-properties (all-completions "s" (nth 2 found))))))
  (delete-char -3)

  (put-point "Store one")
  (eglot-rename "Depot")
  (tell "renamed here" (text))
  (with-current-buffer (find-file-noselect (expand-file-name "store.tess" default-directory))
    (tell "renamed there" (text)))

  (eglot-format-buffer)
  (tell "formatted" (text))
  (eglot-shutdown (eglot-current-server)))

(setq debug-on-error nil
      make-backup-files nil
      auto-save-default nil
      create-lockfiles nil
      eglot-confirm-server-initiated-edits nil)
(tell "done" (condition-case failure
                 (progn (play) t)
               (error (format "%S" failure))))

-- What a person does in Neovim, with the lines of docs/editors.md as the whole configuration. Each result is
-- a line of JSON in the file that TESSERA_RESULTS names.
local out = assert(io.open(vim.env.TESSERA_RESULTS, "w"))

local function tell(name, value)
  out:write(vim.json.encode({ name = name, value = value }), "\n")
  out:flush()
end

local function wait(what, test)
  if not vim.wait(100000, test, 20) then
    error(what .. " did not happen")
  end
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, true), "\n")
end

local function put(line, pattern)
  local content = vim.api.nvim_buf_get_lines(0, line - 1, line, true)[1]
  local column = assert(content:find(pattern, 1, true), pattern .. " is not in " .. content)
  vim.api.nvim_win_set_cursor(0, { line, column - 1 })
end

local function messages()
  local found = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    local at = ("%d:%d-%d:%d"):format(diagnostic.lnum, diagnostic.col, diagnostic.end_lnum, diagnostic.end_col)
    table.insert(found, { at = at, message = diagnostic.message, severity = diagnostic.severity })
  end
  return found
end

local function play()
  wait("the first diagnostic", function() return #vim.diagnostic.get(0) > 0 end)
  tell("filetype", vim.bo.filetype)
  tell("diagnostics", messages())

  vim.api.nvim_buf_set_lines(0, 3, 4, true, { "  size:   3" })
  wait("the end of the diagnostic", function() return #vim.diagnostic.get(0) == 0 end)
  tell("mended", true)

  put(3, "Store")
  vim.lsp.buf.hover()
  local window
  wait("a window with the hover", function()
    for _, candidate in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(candidate).relative ~= "" then
        window = candidate
        return true
      end
    end
  end)
  tell("hover", text(vim.api.nvim_win_get_buf(window)))
  vim.api.nvim_win_close(window, true)

  local here = vim.api.nvim_get_current_buf()
  vim.lsp.buf.definition()
  wait("the jump to the definition", function() return vim.api.nvim_buf_get_name(0):find("store.tess", 1, true) end)
  tell("definition", vim.api.nvim_win_get_cursor(0))
  vim.api.nvim_set_current_buf(here)

  vim.api.nvim_buf_set_lines(0, 4, 4, true, { "  s" })
  vim.api.nvim_win_set_cursor(0, { 5, 3 })
  vim.cmd("startinsert!")
  local params = vim.lsp.util.make_position_params()
  params.position = { line = 4, character = 3 }
  local answers = vim.lsp.buf_request_sync(0, "textDocument/completion", params, 100000)
  local labels = {}
  for _, answer in pairs(answers) do
    for _, item in ipairs(answer.result.items or answer.result) do
      table.insert(labels, item.label)
    end
  end
  tell("completion", labels)
  vim.cmd("stopinsert")
  vim.api.nvim_buf_set_lines(0, 4, 5, true, {})

  put(3, "Store")
  vim.lsp.buf.rename("Depot")
  wait("the rename", function() return text(here):find("Depot one", 1, true) end)
  tell("renamed here", text(here))
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer):find("store.tess", 1, true) then
      tell("renamed there", text(buffer))
    end
  end

  vim.lsp.buf.formatting_sync(nil, 100000)
  tell("formatted", text(here))
end

local done, failure = xpcall(play, debug.traceback)
tell("done", done and true or failure)
out:close()
for _, client in pairs(vim.lsp.get_active_clients()) do
  client.stop()
end
vim.wait(10000, function() return vim.tbl_isempty(vim.lsp.get_active_clients()) end, 20)
vim.cmd("qall!")

-- Neovim 0.7, set up as docs/editors.md says, as an editor of a deployment: opens a file, waits for what the server
-- finds, applies one action, writes. The test gives the file, the code of a finding and the title of the action to apply in the environment.
local file, code, title = vim.env.TEST_FILE, vim.env.TEST_CODE, vim.env.TEST_TITLE
local report = { messages = {} }

local function finish(problem)
  report.problem = problem
  vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.TEST_REPORT)
  for _, client in pairs(vim.lsp.get_active_clients()) do
    client.stop()
  end
  vim.wait(10000, function() return #vim.lsp.get_active_clients() == 0 end, 20)
  vim.cmd("qall!")
end

local function wait_for(what, holds)
  if not vim.wait(60000, holds, 20) then
    finish("waited in vain for " .. what)
  end
end

vim.lsp.handlers["window/showMessage"] = function(_, shown) table.insert(report.messages, shown.message) end
vim.cmd("edit " .. vim.fn.fnameescape(file))
local buffer = vim.api.nvim_get_current_buf()
wait_for("the server", function() return next(vim.lsp.buf_get_clients(buffer)) ~= nil end)
local _, client = next(vim.lsp.buf_get_clients(buffer))
report.root = client.config.root_dir

local function found()
  return vim.tbl_filter(function(d) return d.code == code end, vim.diagnostic.get(buffer))
end

wait_for("the finding", function() return #found() > 0 end)
local first = found()[1]
report.message = first.message
report.marked = vim.api.nvim_buf_get_text(buffer, first.lnum, first.col, first.end_lnum, first.end_col, {})[1]
report.elsewhere = #vim.diagnostic.get(nil) - #vim.diagnostic.get(buffer)

vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer) }
local answer = client.request_sync("textDocument/codeAction", params, 60000, buffer)
report.titles = {}
for _, action in ipairs(answer.result) do
  table.insert(report.titles, action.title)
  if action.title == title then
    if not action.edit then
      action = client.request_sync("codeAction/resolve", action, 60000, buffer).result
    end
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  end
end

wait_for("the finding to go", function() return #found() == 0 end)
vim.cmd("write")
finish()

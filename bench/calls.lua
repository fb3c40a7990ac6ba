-- What wrk sends: the calls of a file, each line "path<TAB>token<TAB>body".
--
--   wrk … -s calls.lua URL -- FILE        round and round; %d in a body becomes a new number each time
--   wrk … -s calls.lua URL -- FILE OUT    each call once; the answers go to OUT, in no particular order
--
-- Calls are put together before the clock starts, so that the load generator costs little.

local calls, sent, answered = {}, 0, 0
local out, filler

local function compose(path, token, body)
   local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token }
   return wrk.format("POST", path, headers, body)
end

local function replay()
   sent = sent + 1
   return calls[(sent - 1) % #calls + 1]
end

-- wrk wants something to send for as long as it runs, so behind the last call come fillers.
local function once()
   sent = sent + 1
   return calls[sent] or filler
end

local function keep(status, _, body)
   if body == '{"status":"ok"}' then return end
   if status ~= 200 then
      io.stderr:write("unexpected answer: ", status, " ", body, "\n")
      os.exit(1)
   end
   out:write(body, "\n")
   answered = answered + 1
   if answered == #calls then
      out:close()
      os.exit(0)
   end
end

function init(arguments)
   request = replay
   for line in io.lines(arguments[1]) do
      local path, token, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
      if body:find("%d", 1, true) then
         -- Numbers that no run before has used.
         local number = os.time() * 1000000
         request = function()
            number = number + 1
            return compose(path, token, body:format(number))
         end
      end
      calls[#calls + 1] = compose(path, token, body)
   end
   if arguments[2] then
      filler = wrk.format("GET", "/healthz")
      out = assert(io.open(arguments[2], "w"))
      request, response = once, keep
      -- wrk asks for a request before it starts, just to look at it.
      sent = -1
   end
end

function done(summary, latency)
   local errors = summary.errors
   io.write(("result %d %d %d %d %d\n"):format(
      summary.requests,
      summary.duration,
      latency:percentile(50),
      latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.status + errors.timeout
   ))
end

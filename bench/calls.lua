-- What wrk sends: the calls in a file, again and again. Each line is "method<TAB>path<TAB>body", followed by a
-- <TAB> and a header field for each header.
--
--   wrk … -s calls.lua URL -- FILE NUMBER
--
-- %d in a body becomes a new number each time, beginning with NUMBER. All other calls are prepared before the
-- clock starts, so that the load generator costs little.

local calls, sent = {}, 0

local function compose(method, path, body, fields)
   local headers = {}
   for name, value in fields:gmatch("\t([^:\t]*): ([^\t]*)") do headers[name] = value end
   if body == "" then return wrk.format(method, path, headers) end
   headers["Content-Type"] = "application/json"
   return wrk.format(method, path, headers, body)
end

function request()
   sent = sent + 1
   local call = calls[(sent - 1) % #calls + 1]
   return type(call) == "function" and call() or call
end

function init(arguments)
   local number = tonumber(arguments[2])
   for line in io.lines(arguments[1]) do
      local method, path, body, fields = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)(.*)$")
      if body:find("%d", 1, true) then
         calls[#calls + 1] = function()
            number = number + 1
            return compose(method, path, body:format(number), fields)
         end
      else
         calls[#calls + 1] = compose(method, path, body, fields)
      end
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

-- Settings of wrk. `wrk … URL -- DEPTH` sends DEPTH requests in one write; `wrk … URL -- 1 BYTES`
-- posts so many bytes at a time. At the end it prints the line that the other load generators print.

init = function(args)
  local depth, bytes = tonumber(args[1]) or 1, tonumber(args[2])
  if bytes then
    local post = wrk.format('POST', nil, nil, string.rep('x', bytes))
    request = function() return post end
  elseif depth > 1 then
    local batch = string.rep(wrk.format(), depth)
    request = function() return batch end
  end
end

done = function(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('{"ops":%d,"seconds":%.6f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, errors))
end

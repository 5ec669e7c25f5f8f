-- Settings of wrk for the http and pipelined workloads: `wrk … URL -- DEPTH` sends DEPTH requests
-- in one write. At the end it prints the line that the other load generators print.

init = function(args)
  local depth = tonumber(args[1]) or 1
  if depth == 1 then return end
  local batch = string.rep(wrk.format(), depth)
  request = function() return batch end
end

done = function(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('{"ops":%d,"seconds":%.6f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, errors))
end
